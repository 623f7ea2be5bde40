package registry

import (
	"context"
	"errors"

	"github.com/pontte/portaria/pkg/cpf"
)

// Spelled gives the records of c under every spelling of it that is a CPF, none
// when there is none. Portaria writes bare digits; what wrote before it may not
// have. It asks once for each of the eight spellings.
func (rs *Records) Spelled(ctx context.Context, c cpf.CPF) ([]Record, error) {
	var found []Record
	for _, spelling := range spellings(c) {
		r, err := rs.at(ctx, spelling)
		switch {
		case errors.Is(err, ErrNoRecord):
		case err != nil:
			return nil, err
		default:
			found = append(found, r)
		}
	}
	return found, nil
}

// spellings are the ways to write c, with any of the three marks left out, the
// bare digits first.
func spellings(c cpf.CPF) (all []string) {
	d := c.Digits()
	for marks := range 8 {
		s := d[:3]
		for i, part := range []string{d[3:6], d[6:9], d[9:]} {
			if marks&(1<<i) != 0 {
				s += string("..-"[i])
			}
			s += part
		}
		all = append(all, s)
	}
	return all
}
