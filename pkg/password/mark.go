package password

import "crypto/sha256"

// markLength makes one chance in more than a hundred thousand that a password
// that nobody marked seems to be.
const markLength = 3

// Marked gives a temporary password that carries mark, a word of the caller's:
// three letters or digits more, which follow from the password and the mark.
// Nothing need be stored to tell it again, and nobody who does not know the whole
// password can make one of another mark.
func Marked(temporary, mark string) string {
	sum := sha256.Sum256([]byte(mark + "\x00" + temporary))
	for _, b := range sum[:markLength] {
		temporary += string(lettersAndDigits[int(b)%len(lettersAndDigits)])
	}
	return temporary
}

// IsMarked reports whether temporary carries mark.
func IsMarked(temporary, mark string) bool {
	cut := len(temporary) - markLength
	return cut > 0 && Marked(temporary[:cut], mark) == temporary
}
