package store

import (
	"context"
	"fmt"

	"skranke"
)

var (
	templates = newTable("template", skranke.CodeCustomError, `folder_id, name, description`, "")

	templateBodies = newTable("template_body", skranke.CodeCustomError, `
		template_id, language_id, flags, subject, header, plain, html`, "")

	templateFolders = newTable("template_folder", skranke.CodeCustomError, `parent_id, name, description`, "")
)

func scanTemplate(r *rows, t *skranke.ReplyTemplate) {
	t.ID = id[skranke.TemplateID](r)
	t.Folder = id[skranke.TemplateFolderID](r)
	t.Name = r.text()
	t.Description = r.text()
}

func templateArgs(t *skranke.ReplyTemplate) []arg {
	return []arg{num(t.Folder), text(t.Name), text(t.Description)}
}

func scanTemplateBody(r *rows, b *skranke.TemplateBody) {
	b.ID = id[skranke.TemplateBodyID](r)
	r.skip(1) // the template
	b.Language = id[skranke.LanguageID](r)
	b.Flags = id[skranke.TemplateBodyFlags](r)
	b.Subject = r.text()
	b.Header = r.text()
	b.Plain = r.text()
	b.HTML = r.text()
}

// ReplyTemplate returns the template with its bodies and attachments. It
// returns CodeCustomError if there is none: no other code is documented.
func (tx *ReadTx) ReplyTemplate(ctx context.Context, id skranke.TemplateID) (*skranke.ReplyTemplate, error) {
	t := new(skranke.ReplyTemplate)
	if err := templates.row(ctx, tx, int64(id), func(r *rows) { scanTemplate(r, t) }); err != nil {
		return nil, err
	}
	return t, tx.fillTemplate(ctx, t)
}

// EachReplyTemplate hands fn every template by ascending id.
func (tx *ReadTx) EachReplyTemplate(ctx context.Context, fn func(*skranke.ReplyTemplate) error) error {
	return eachRow(ctx, tx, templates, scanTemplate, func(t *skranke.ReplyTemplate) error { return tx.fillTemplate(ctx, t) }, fn)
}

func (tx *ReadTx) fillTemplate(ctx context.Context, t *skranke.ReplyTemplate) error {
	err := tx.each(ctx, `SELECT `+templateBodies.columns+` FROM template_body t WHERE t.template_id = $1 ORDER BY t.id`,
		func(r *rows) {
			var b skranke.TemplateBody
			scanTemplateBody(r, &b)
			t.Bodies = append(t.Bodies, b)
		}, num(t.ID))
	if err != nil {
		return fmt.Errorf("reading bodies of template %d: %w", t.ID, err)
	}
	err = tx.each(ctx, `SELECT attachment_id FROM template_attachment WHERE template_id = $1 ORDER BY rank`,
		func(r *rows) { t.Attachments = append(t.Attachments, id[skranke.AttachmentID](r)) }, num(t.ID))
	if err != nil {
		return fmt.Errorf("reading attachments of template %d: %w", t.ID, err)
	}
	return nil
}

// InsertReplyTemplate stores a new template with its bodies and attachments.
// Ids of 0 are replaced by new ones. It returns ErrExists if an id is in use,
// ErrReference for an unknown attachment.
func (tx *WriteTx) InsertReplyTemplate(ctx context.Context, t *skranke.ReplyTemplate) error {
	id, err := templates.add(ctx, tx, int64(t.ID), templateArgs(t))
	if err != nil {
		return err
	}
	t.ID = skranke.TemplateID(id)
	return tx.addTemplateParts(ctx, t)
}

// UpdateReplyTemplate writes the whole template anew; bodies without an id get
// a new one. It returns CodeCustomError if there is none.
func (tx *WriteTx) UpdateReplyTemplate(ctx context.Context, t *skranke.ReplyTemplate) error {
	if err := templates.change(ctx, tx, int64(t.ID), templateArgs(t)); err != nil {
		return err
	}
	for _, part := range [...]string{"template_body", "template_attachment"} {
		if _, err := tx.exec(ctx, `DELETE FROM `+part+` WHERE template_id = $1`, num(t.ID)); err != nil {
			return fmt.Errorf("clearing %s of template %d: %w", part, t.ID, err)
		}
	}
	return tx.addTemplateParts(ctx, t)
}

func (tx *WriteTx) addTemplateParts(ctx context.Context, t *skranke.ReplyTemplate) error {
	for i := range t.Bodies {
		b := &t.Bodies[i]
		id, err := templateBodies.add(ctx, tx, int64(b.ID), []arg{
			num(t.ID), num(b.Language), num(b.Flags), text(b.Subject), text(b.Header), text(b.Plain), text(b.HTML),
		})
		if err != nil {
			return err
		}
		b.ID = skranke.TemplateBodyID(id)
	}
	for rank, attachment := range t.Attachments {
		_, err := tx.exec(ctx, `INSERT INTO template_attachment (template_id, rank, attachment_id) VALUES ($1, $2, $3)`,
			num(t.ID), num(rank), num(attachment))
		if err != nil {
			return fmt.Errorf("linking attachment %d to template %d: %w", attachment, t.ID, err)
		}
	}
	return nil
}

func scanTemplateFolder(r *rows, f *skranke.TemplateFolder) {
	f.ID = id[skranke.TemplateFolderID](r)
	f.Parent = id[skranke.TemplateFolderID](r)
	f.Name = r.text()
	f.Description = r.text()
}

func templateFolderArgs(f *skranke.TemplateFolder) []arg {
	return []arg{num(f.Parent), text(f.Name), text(f.Description)}
}

// TemplateFolder returns the folder. It returns CodeCustomError if there is none.
func (tx *ReadTx) TemplateFolder(ctx context.Context, id skranke.TemplateFolderID) (*skranke.TemplateFolder, error) {
	f := new(skranke.TemplateFolder)
	if err := templateFolders.row(ctx, tx, int64(id), func(r *rows) { scanTemplateFolder(r, f) }); err != nil {
		return nil, err
	}
	return f, nil
}

// EachTemplateFolder hands fn every folder by ascending id.
func (tx *ReadTx) EachTemplateFolder(ctx context.Context, fn func(*skranke.TemplateFolder) error) error {
	return eachRow(ctx, tx, templateFolders, scanTemplateFolder, nil, fn)
}

// InsertTemplateFolder stores a new folder. An ID of 0 is replaced by a new
// one. It returns ErrExists if the id is in use.
func (tx *WriteTx) InsertTemplateFolder(ctx context.Context, f *skranke.TemplateFolder) error {
	id, err := templateFolders.add(ctx, tx, int64(f.ID), templateFolderArgs(f))
	if err != nil {
		return err
	}
	f.ID = skranke.TemplateFolderID(id)
	return nil
}

// UpdateTemplateFolder writes the whole folder anew. It returns
// CodeCustomError if there is none.
func (tx *WriteTx) UpdateTemplateFolder(ctx context.Context, f *skranke.TemplateFolder) error {
	return templateFolders.change(ctx, tx, int64(f.ID), templateFolderArgs(f))
}
