package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// TestSignatureIsTheSDKs holds the hand-made signature to that of AWS's signer,
// on two days, since the key is kept for one.
func TestSignatureIsTheSDKs(t *testing.T) {
	s := signer{host: "127.0.0.1:8443", region: "us-east-1", id: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI", token: "session"}
	body := []byte(`{"TableName":"claims"}`)
	for _, at := range []time.Time{time.Date(2026, 3, 10, 23, 59, 59, 0, time.UTC), time.Date(2026, 3, 11, 0, 0, 1, 0, time.UTC)} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+s.host+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", contentType)
		r.Header.Set("X-Amz-Target", target)
		credentials := aws.Credentials{AccessKeyID: s.id, SecretAccessKey: s.secret, SessionToken: s.token}
		if err := v4.NewSigner().SignHTTP(t.Context(), credentials, r, hash(body), "dynamodb", s.region, at); err != nil {
			t.Fatal(err)
		}
		want := "Authorization: " + r.Header.Get("Authorization") + "\r\n"
		if got := s.headers(body, at); !strings.HasSuffix(got, want) {
			t.Errorf("headers end with\n%s, want\n%s", got[strings.Index(got, "Authorization"):], want)
		}
	}
}
