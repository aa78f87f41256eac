package soap

import (
	"encoding/base64"
	"slices"
)

// alphabet is that of base64.
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

// isBase64 tells the characters of base64 without padding.
var isBase64 = func() (t [256]bool) {
	for _, c := range alphabet {
		t[c] = true
	}
	return
}()

// notBase64 marks a character in sextets that has no value.
const notBase64 = 1 << 31

// sextets holds what a character is worth at each of the four places of a group.
var sextets = func() (t [4][256]uint32) {
	for place := range t {
		for c := range t[place] {
			t[place][c] = notBase64
		}
		for value, c := range []byte(alphabet) {
			t[place][c] = uint32(value) << (18 - 6*place)
		}
	}
	return
}()

// decodeRun decodes src, eight characters at a time, as far as they are base64
// without anything between them and dst has room for eight bytes. It returns how
// many bytes it has written and how many characters that took.
func decodeRun(dst, src []byte) (written, read int) {
	for len(src)-read >= 8 && len(dst)-written >= 8 {
		s := src[read : read+8 : read+8]
		a := sextets[0][s[0]] | sextets[1][s[1]] | sextets[2][s[2]] | sextets[3][s[3]]
		b := sextets[0][s[4]] | sextets[1][s[5]] | sextets[2][s[6]] | sextets[3][s[7]]
		if (a|b)&notBase64 != 0 {
			break
		}
		d := dst[written : written+8 : written+8] // six bytes, but a store of eight is one instruction
		v := uint64(a)<<40 | uint64(b)<<16
		d[0], d[1], d[2], d[3] = byte(v>>56), byte(v>>48), byte(v>>40), byte(v>>32)
		d[4], d[5], d[6], d[7] = byte(v>>24), byte(v>>16), byte(v>>8), byte(v)
		written += 6
		read += 8
	}
	return written, read
}

// pairs holds the two characters of twelve bits, the first one in the low byte.
var pairs = func() (t [4096]uint16) {
	for i := range t {
		t[i] = uint16(alphabet[i>>6]) | uint16(alphabet[i&63])<<8
	}
	return
}()

// encodeRun encodes src, six bytes at a time, as long as eight are left of it:
// it may look at two beyond those it takes. It returns how many it has taken;
// each six are eight characters in dst.
func encodeRun(dst, src []byte) (read int) {
	written := 0
	for len(src)-read >= 8 && len(dst)-written >= 8 {
		s := src[read : read+8 : read+8]
		v := uint64(s[0])<<56 | uint64(s[1])<<48 | uint64(s[2])<<40 | uint64(s[3])<<32 |
			uint64(s[4])<<24 | uint64(s[5])<<16 | uint64(s[6])<<8 | uint64(s[7])
		w := uint64(pairs[v>>52]) | uint64(pairs[v>>40&4095])<<16 | uint64(pairs[v>>28&4095])<<32 | uint64(pairs[v>>16&4095])<<48
		d := dst[written : written+8 : written+8]
		d[0], d[1], d[2], d[3] = byte(w), byte(w>>8), byte(w>>16), byte(w>>24)
		d[4], d[5], d[6], d[7] = byte(w>>32), byte(w>>40), byte(w>>48), byte(w>>56)
		written += 8
		read += 6
	}
	return read
}

// appendBase64 appends the base64 of src to dst.
func appendBase64(dst, src []byte) []byte {
	from := len(dst)
	size := base64.StdEncoding.EncodedLen(len(src))
	dst = slices.Grow(dst, size)[:from+size]
	read := encodeRun(dst[from:], src)
	base64.StdEncoding.Encode(dst[from+read/3*4:], src[read:])
	return dst
}
