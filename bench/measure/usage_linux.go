package measure

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

// cpu gives the processor time that process pid has used, all threads together
// and those that are gone included, to the nanosecond: /proc has only hundredths
// of a second. The number of a process's clock is in clock_getcpuclockid(3).
func cpu(pid int) (time.Duration, error) {
	const cpuClock = 2 // CPUCLOCK_SCHED, of the whole process
	clock := ^pid<<3 | cpuClock
	var at syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(clock), uintptr(unsafe.Pointer(&at)), 0); errno != 0 {
		return 0, fmt.Errorf("read the processor time of a process: %w", errno)
	}
	return time.Duration(at.Nano()), nil
}

// peak gives the most memory, in bytes, that process pid ever had resident.
func peak(pid int) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	_, rest, ok := bytes.Cut(status, []byte("\nVmHWM:"))
	fields := bytes.Fields(rest)
	if !ok || len(fields) < 2 || string(fields[1]) != "kB" {
		return 0, fmt.Errorf("/proc/%d/status has no VmHWM", pid)
	}
	kib, err := strconv.ParseInt(string(fields[0]), 10, 64)
	return kib << 10, err
}
