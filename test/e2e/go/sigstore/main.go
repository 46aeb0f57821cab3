// Gets a signing certificate as cosign does without a key, and prints whose it is.
package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log"
	"net/url"
	"strings"

	"github.com/sigstore/cosign/v3/pkg/providers"
	_ "github.com/sigstore/cosign/v3/pkg/providers/filesystem"
	"github.com/sigstore/fulcio/pkg/api"
)

// The proof that the key is here is a signature of whom the token names.
func requestFor(token string) (request api.CertificateRequest, err error) {
	var claims struct{ Sub string }
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		return request, err
	}
	if err = json.Unmarshal(payload, &claims); err != nil {
		return request, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return request, err
	}
	hash := sha256.Sum256([]byte(claims.Sub))
	if request.SignedEmailAddress, err = ecdsa.SignASN1(rand.Reader, key, hash[:]); err != nil {
		return request, err
	}
	request.PublicKey.Algorithm = "ecdsa"
	request.PublicKey.Content, err = x509.MarshalPKIXPublicKey(&key.PublicKey)
	return request, err
}

func main() {
	token, err := providers.Provide(context.Background(), "sigstore")
	if err != nil {
		log.Fatal(err)
	}
	request, err := requestFor(token)
	if err != nil {
		log.Fatal(err)
	}
	server, err := url.Parse(api.SigstorePublicServerURL)
	if err != nil {
		log.Fatal(err)
	}
	answer, err := api.NewClient(server).SigningCert(request, token)
	if err != nil {
		log.Fatal(err)
	}
	block, _ := pem.Decode(answer.CertPEM)
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(certificate.URIs[0])
}
