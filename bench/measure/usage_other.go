//go:build !linux

package measure

import (
	"errors"
	"time"
)

var errLinux = errors.New("the bench runs on Linux only, as Lambda does")

func cpu(int) (time.Duration, error) { return 0, errLinux }

func peak(int) (int64, error) { return 0, errLinux }
