// Package demo is the sample data of a help desk in Norway: customers,
// companies, tickets and messages made so that everything the ports can show,
// and everything they must not show, is there. Nothing in it is real.
package demo

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"skranke/desk"
	"skranke/transfer"
)

//go:embed data.jsonl
var data string

// Customer and Agent log in, on the customer port and on the ticket port, with
// Password. Ticket is the customer's.
const (
	Customer = "johndoe"
	Agent    = "agent"
	Password = "pw"
	Ticket   = 1012
)

// Zone is the time zone in which the sample data is at home.
const Zone = "Europe/Oslo"

// Fill puts the sample data into a desk.
func Fill(ctx context.Context, d *desk.Desk) error {
	_, err := transfer.Import(ctx, d, strings.NewReader(data), int64(len(data)), transfer.ImportOptions{Name: "data.jsonl"})
	if err != nil {
		return fmt.Errorf("filling in the sample data: %w", err)
	}
	return nil
}
