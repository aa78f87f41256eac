package store_test

import (
	"reflect"
	"testing"

	"skranke"
	"skranke/store"
	"skranke/store/storetest"
)

func TestReplyTemplate(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		file := skranke.Attachment{Name: "manual.pdf"}
		folder := skranke.TemplateFolder{ID: 7, Parent: 3, Name: "Answers", Description: "for all"}
		template := skranke.ReplyTemplate{
			ID: 40, Folder: 7, Name: "Thanks", Description: "polite",
			Bodies: []skranke.TemplateBody{
				{ID: 9, Language: 2, Flags: skranke.BodyPlain, Subject: "s", Header: "X-A: b", Plain: "p", HTML: "<p>h</p>"},
				{Flags: skranke.BodyDefault, Plain: "second"},
			},
		}
		err := db.Write(ctx, func(tx *store.WriteTx) error {
			if err := tx.InsertAttachment(ctx, &file); err != nil {
				return err
			}
			if err := tx.InsertTemplateFolder(ctx, &folder); err != nil {
				return err
			}
			template.Attachments = []skranke.AttachmentID{file.ID}
			return tx.InsertReplyTemplate(ctx, &template)
		})
		if err != nil {
			t.Fatal(err)
		}
		if template.Bodies[1].ID <= 9 {
			t.Errorf("got id %d for a new body, want one above 9", template.Bodies[1].ID)
		}
		check := func() {
			t.Helper()
			err := db.Read(ctx, func(tx *store.ReadTx) error {
				got, err := tx.ReplyTemplate(ctx, 40)
				if err != nil {
					return err
				}
				if !reflect.DeepEqual(*got, template) {
					t.Errorf("got %+v, want %+v", *got, template)
				}
				gotFolder, err := tx.TemplateFolder(ctx, 7)
				if err == nil && *gotFolder != folder {
					t.Errorf("got %+v, want %+v", *gotFolder, folder)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		check()
		template.Bodies, template.Attachments, template.Name = template.Bodies[1:], nil, "Bye"
		folder.Name = "Renamed"
		err = db.Write(ctx, func(tx *store.WriteTx) error {
			if err := tx.UpdateTemplateFolder(ctx, &folder); err != nil {
				return err
			}
			return tx.UpdateReplyTemplate(ctx, &template)
		})
		if err != nil {
			t.Fatal(err)
		}
		check()
		err = db.Read(ctx, func(tx *store.ReadTx) error {
			_, err := tx.ReplyTemplate(ctx, 41)
			return err
		})
		if skranke.CodeOf(err) != skranke.CodeCustomError { // ticket.getReplyTemplate.5
			t.Errorf("got %v for an unknown template, want code 7", err)
		}
	})
}
