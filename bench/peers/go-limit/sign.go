package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// signer signs requests to DynamoDB by AWS's Signature Version 4.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
type signer struct {
	host, region, id, secret, token string

	day string // the one that key is for
	key []byte
}

const (
	contentType   = "application/x-amz-json-1.0"
	target        = "DynamoDB_20120810.PutItem"
	signedHeaders = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target"
)

// headers gives the header lines of a signed write.
func (s *signer) headers(body []byte, at time.Time) string {
	stamp := at.UTC().Format("20060102T150405Z")
	day := stamp[:8]
	scope := day + "/" + s.region + "/dynamodb/aws4_request"
	canonical := "POST\n/\n\n" +
		"content-type:" + contentType + "\n" +
		"host:" + s.host + "\n" +
		"x-amz-date:" + stamp + "\n" +
		"x-amz-security-token:" + s.token + "\n" +
		"x-amz-target:" + target + "\n\n" +
		signedHeaders + "\n" + hash(body)
	if s.day != day {
		key := mac([]byte("AWS4"+s.secret), day)
		s.day, s.key = day, mac(mac(mac(key, s.region), "dynamodb"), "aws4_request")
	}
	signature := hex.EncodeToString(mac(s.key, "AWS4-HMAC-SHA256\n"+stamp+"\n"+scope+"\n"+hash([]byte(canonical))))
	return "Host: " + s.host + "\r\n" +
		"Content-Type: " + contentType + "\r\n" +
		"X-Amz-Date: " + stamp + "\r\n" +
		"X-Amz-Security-Token: " + s.token + "\r\n" +
		"X-Amz-Target: " + target + "\r\n" +
		"Authorization: AWS4-HMAC-SHA256 Credential=" + s.id + "/" + scope +
		", SignedHeaders=" + signedHeaders + ", Signature=" + signature + "\r\n"
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func mac(key []byte, s string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(s))
	return h.Sum(nil)
}
