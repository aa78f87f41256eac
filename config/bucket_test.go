package config_test

import (
	"path/filepath"
	"strings"
	"testing"

	"skranke/config"
)

// What names a bucket is brought into one form; what does not is refused, and
// credentials that stand where they do not belong are not repeated.
func TestBucketSettings(t *testing.T) {
	load := func(text string) (config.Config, error) {
		c, _, err := config.Load(config.Input{File: writeFile(t, text)})
		return c, err
	}
	for text, want := range map[string][2]string{
		`attachments = "s3://desk"`:                                   {"s3://desk", ""},
		`attachments = "s3://desk/a/b.c_d-E/"`:                        {"s3://desk/a/b.c_d-E", ""},
		`bucket_endpoint = "https://minio.example.com:9000/"`:         {"", "https://minio.example.com:9000"},
		"attachments = \"s3://desk\"\nbucket_endpoint = \"http://h\"": {"s3://desk", "http://h"},
	} {
		c, err := load(text)
		if got := [2]string{c.Attachments, c.BucketEndpoint}; err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{
		`attachments = "desk/files"`, `attachments = "s3://"`, `attachments = "s3://Desk"`, `attachments = "s3://desk/å"`, `attachments = "s3://desk//x"`,
		`attachments = "s3://key:hunter2@desk/x"`, `attachments = "https://desk.example.com"`,
		`bucket_endpoint = "minio:9000"`, `bucket_endpoint = "https://"`, `bucket_endpoint = "https://h/desk"`, `bucket_endpoint = "https://key:hunter2@h"`,
		`bucket_addressing = "both"`,
	} {
		if _, err := load(text); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v, want a refusal without secrets", text, err)
		}
	}

	c := config.Default()
	c.Data = t.TempDir()
	c.Attachments, c.BucketEndpoint = "s3://desk", "http://10.0.0.1"
	if warnings, err := c.Validate(nil); err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "without TLS") {
		t.Errorf("in clear to another machine: got %q, %v", warnings, err)
	}
	c.BucketEndpoint = "http://127.0.0.1:9000"
	if warnings, err := c.Validate(nil); err != nil || len(warnings) != 0 {
		t.Errorf("in clear on this machine: got %q, %v", warnings, err)
	}
	c.Attachments = ""
	if warnings, err := c.Validate(nil); err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "no effect") {
		t.Errorf("without a bucket: got %q, %v", warnings, err)
	}
	c.Attachments, c.BucketCredentialsFile = "s3://desk", filepath.Join(c.Data, "none")
	if _, err := c.Validate(nil); err == nil || !strings.Contains(err.Error(), "bucket_credentials_file") {
		t.Errorf("no such file: got %v", err)
	}
}
