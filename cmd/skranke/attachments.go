package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"skranke/server"
	"skranke/store"
)

func attachmentsCopy() command {
	var from, to string
	return command{
		name:    "attachments copy",
		group:   groupMove,
		summary: "Move the contents of attachments to a bucket, or back",
		usage:   "-from PLACE -to PLACE",
		about: `Copies the contents of attachments that are not there yet, and compares each with
its SHA-256 on the way. A PLACE is a data directory, or a bucket such as
s3://help-desk/attachments, which the settings bucket_endpoint, bucket_region,
bucket_addressing and bucket_credentials_file lead to. Nothing is removed.

The server may run meanwhile, and the command may be run as often as you like: so
copy, stop the server, copy once more what came meanwhile, change the setting
attachments, start the server. "skranke verify" tells whether anything is missing.
See docs/attachments.md.`,
		examples: []string{
			"skranke attachments copy -from /var/lib/skranke -to s3://help-desk/attachments",
			"skranke attachments copy -from s3://help-desk/attachments -to /var/lib/skranke",
		},
		keys: []string{"bucket_endpoint", "bucket_region", "bucket_addressing", "bucket_credentials_file"},
		start: func(fs *flag.FlagSet) action {
			from, to = "", ""
			fs.StringVar(&from, "from", "", "copy from this data directory or bucket, `PLACE`")
			fs.StringVar(&to, "to", "", "copy to this data directory or bucket, `PLACE`")
			return func(ctx context.Context, c *call) error {
				if len(c.args) > 0 || from == "" || to == "" {
					return c.usagef("attachments copy takes no arguments and needs -from and -to: a directory or an s3:// URL each")
				}
				return c.attachmentsCopy(ctx, from, to)
			}
		},
	}
}

func (c *call) attachmentsCopy(ctx context.Context, fromName, toName string) error {
	conf, err := c.load()
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "skranke-copy-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	place := func(name string) (*store.Blobs, error) {
		if !strings.HasPrefix(name, "s3://") {
			return store.OpenBlobs(filepath.Clean(name), store.Bucket{})
		}
		in := server.Bucket(conf.Config)
		in.URL = name
		return store.OpenBlobs(scratch, in)
	}
	if !strings.HasPrefix(fromName, "s3://") {
		if _, err := os.Stat(filepath.Join(fromName, "blobs")); err != nil {
			return fmt.Errorf("there are no attachments in %s: %w", fromName, err)
		}
	}
	from, err := place(fromName)
	if err != nil {
		return err
	}
	to, err := place(toName)
	if err != nil {
		return err
	}
	meter := newMeter(c.stderr)
	defer meter.end()
	bytes := int64(0)
	files, err := from.CopyTo(ctx, to, func(files int, done int64) {
		bytes = done
		meter.text(fmt.Sprintf("%d attachments, %s", files, mib(done)))
	})
	meter.end()
	if err != nil {
		return err
	}
	return c.print(fmt.Sprintf("%s: has the %d files of %s, %s\n", toName, files, fromName, mib(bytes)))
}
