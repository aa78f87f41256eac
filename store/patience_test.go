package store

import (
	"errors"
	"testing"
	"time"
)

// However many wait for their turn to write, nobody waits for ever.
func TestWritePatience(t *testing.T) {
	t.Parallel()
	db, err := Open(t.Context(), Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.writeTurn <- struct{}{} // somebody writes and does not end
	if err := db.enterWrite(t.Context(), time.Now()); !errors.Is(err, errBusy) {
		t.Errorf("got %v, want errBusy", err)
	}
	<-db.writeTurn
	if err := db.enterWrite(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Errorf("a free turn: got %v", err)
	}
	<-db.writeTurn
}
