package desk

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"unicode"

	"golang.org/x/crypto/argon2"

	"skranke"
)

// PasswordCost is what hashing a password with argon2id takes.
type PasswordCost struct {
	MemoryKiB uint32 // default 19 MiB
	Passes    uint32 // default 2
	AtOnce    int    // hashes computed at the same time; default one for two processors
	Waiting   int    // who may wait for that, each of whom keeps a call from its turn; default 32
}

func (c *PasswordCost) setDefaults() {
	if c.MemoryKiB == 0 {
		c.MemoryKiB = 19 << 10
	}
	if c.Passes == 0 {
		c.Passes = 2
	}
	if c.AtOnce <= 0 {
		c.AtOnce = max(1, runtime.GOMAXPROCS(0)/2) // who guesses passwords must leave something to the others
	}
	if c.Waiting <= 0 {
		c.Waiting = 32
	}
}

// PasswordPolicy is what a new password must have. The zero policy takes any
// password but the empty one.
//
// Spec: types/sec.4
type PasswordPolicy struct {
	MinLength                     int
	Digit, Lower, Upper, Specials bool
}

// check returns CodeEmptyPassword for "" and CodeCustomError for a weak password.
func (p PasswordPolicy) check(password string) error {
	if password == "" {
		return skranke.Err(skranke.CodeEmptyPassword, "")
	}
	var digit, lower, upper, special bool
	length := 0
	for _, r := range password {
		length++
		switch {
		case unicode.IsDigit(r):
			digit = true
		case unicode.IsLower(r):
			lower = true
		case unicode.IsUpper(r):
			upper = true
		default:
			special = true
		}
	}
	switch {
	case length < p.MinLength:
		return skranke.Err(skranke.CodeCustomError, "password shorter than %d characters", p.MinLength)
	case p.Digit && !digit:
		return skranke.Err(skranke.CodeCustomError, "password without a digit")
	case p.Lower && !lower:
		return skranke.Err(skranke.CodeCustomError, "password without a small letter")
	case p.Upper && !upper:
		return skranke.Err(skranke.CodeCustomError, "password without a capital letter")
	case p.Specials && !special:
		return skranke.Err(skranke.CodeCustomError, "password without a special character")
	}
	return nil
}

const (
	saltLength = 16
	hashLength = 32
	hashFormat = "$argon2id$v=%d$m=%d,t=%d,p=1$%s$%s"
)

// hashPassword returns the text to store for password.
func (d *Desk) hashPassword(ctx context.Context, password string) (string, error) {
	salt := make([]byte, saltLength)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("making a salt: %w", err)
	}
	if err := d.hashing.enter(ctx, "", 0); err != nil {
		return "", err
	}
	defer d.hashing.leave()
	cost := d.opts.PasswordCost
	key := derive(password, salt, cost)
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf(hashFormat, argon2.Version, cost.MemoryKiB, cost.Passes, encode(salt), encode(key)), nil
}

// passwordFits says whether password belongs to the stored hash. A hash of ""
// never fits, but takes as long as one that does not. It is
// the caller's turn to hash.
//
// Spec: types/sec.2
func (d *Desk) passwordFits(hash, password string) (bool, error) {
	known := hash != "" && password != ""
	if !known {
		hash = d.dummy
	}
	var version int
	var cost PasswordCost
	var rest string
	if _, err := fmt.Sscanf(hash, "$argon2id$v=%d$m=%d,t=%d,p=1$%s", &version, &cost.MemoryKiB, &cost.Passes, &rest); err != nil {
		return false, fmt.Errorf("reading a password hash: %w", err)
	}
	salt, key, err := splitHash(rest)
	if err != nil {
		return false, err
	}
	got := derive(password, salt, cost)
	return subtle.ConstantTimeCompare(got, key) == 1 && known, nil
}

func splitHash(text string) (salt, key []byte, err error) {
	for i := range len(text) {
		if text[i] != '$' {
			continue
		}
		salt, err1 := base64.RawStdEncoding.DecodeString(text[:i])
		key, err2 := base64.RawStdEncoding.DecodeString(text[i+1:])
		return salt, key, errors.Join(err1, err2)
	}
	return nil, nil, errors.New("reading a password hash: no key in it")
}

func derive(password string, salt []byte, cost PasswordCost) []byte {
	return argon2.IDKey([]byte(password), salt, cost.Passes, cost.MemoryKiB, 1, hashLength)
}
