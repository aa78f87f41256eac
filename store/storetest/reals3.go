package storetest

import (
	"context"
	"crypto/rand"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"skranke/store"
)

// EachRealS3 runs fn as a subtest with a new bucket on each of the stores that
// SKRANKE_TEST_S3 lists: "path=https://one.example.com host=http://other.example.com",
// how buckets are addressed and where. Their user, who may make buckets, is known by
// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. The bucket goes when the test ends.
func EachRealS3(t *testing.T, fn func(t *testing.T, in store.Bucket)) {
	t.Helper()
	for _, place := range realS3(t) {
		addressing, scheme, _ := strings.Cut(place, "=")
		scheme, _, _ = strings.Cut(scheme, ":")
		t.Run(addressing+" "+scheme, func(t *testing.T) { fn(t, newBucket(t, place)) })
	}
}

// RealS3 is a new bucket on the first of the stores EachRealS3 knows.
func RealS3(t *testing.T) store.Bucket {
	t.Helper()
	return newBucket(t, realS3(t)[0])
}

func realS3(t *testing.T) []string {
	t.Helper()
	places := strings.Fields(os.Getenv("SKRANKE_TEST_S3"))
	if len(places) == 0 {
		if os.Getenv("SKRANKE_REQUIRE_S3") != "" {
			t.Fatal("SKRANKE_TEST_S3 lists no store")
		}
		t.Skip("needs a store that speaks S3: \"make s3\" starts one, or list some in SKRANKE_TEST_S3")
	}
	return places
}

func newBucket(t *testing.T, place string) store.Bucket {
	t.Helper()
	addressing, endpoint, _ := strings.Cut(place, "=")
	u, err := url.Parse(endpoint)
	if err != nil || u.Host == "" || addressing != "path" && addressing != "host" {
		t.Fatalf("SKRANKE_TEST_S3 has %s, want path=URL or host=URL", place)
	}
	lookup := minio.BucketLookupPath
	if addressing == "host" {
		lookup = minio.BucketLookupDNS
	}
	client, err := minio.New(u.Host, &minio.Options{Creds: credentials.NewEnvAWS(), Secure: u.Scheme == "https", BucketLookup: lookup})
	if err != nil {
		t.Fatal(err)
	}
	name := "skranke-" + strings.ToLower(rand.Text())
	if err := client.MakeBucket(t.Context(), name, minio.MakeBucketOptions{Region: os.Getenv("AWS_REGION")}); err != nil {
		t.Fatalf("making a bucket at %s: %v", endpoint, err)
	}
	t.Cleanup(func() {
		ctx := context.Background() // that of the test has ended
		objects := client.ListObjects(ctx, name, minio.ListObjectsOptions{Recursive: true})
		for failed := range client.RemoveObjects(ctx, name, objects, minio.RemoveObjectsOptions{}) {
			t.Errorf("removing %s: %v", failed.ObjectName, failed.Err)
		}
		if err := client.RemoveBucket(ctx, name); err != nil {
			t.Errorf("removing the bucket: %v", err)
		}
	})
	return store.Bucket{URL: "s3://" + name + "/files", Endpoint: endpoint, Addressing: addressing}
}
