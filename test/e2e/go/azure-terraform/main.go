// Gets a token for Azure Resource Manager as Terraform's providers do, which read these variables themselves.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/hashicorp/go-azure-sdk/sdk/auth"
	"github.com/hashicorp/go-azure-sdk/sdk/environments"
)

func main() {
	// The SDK logs every request; Terraform shows that only where it is asked to.
	log.SetOutput(io.Discard)
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	assertion, err := os.ReadFile(os.Getenv("ARM_OIDC_TOKEN_FILE_PATH"))
	if err != nil {
		return err
	}
	cloud := environments.AzurePublic()
	credentials := auth.Credentials{
		Environment:                   *cloud,
		ClientID:                      os.Getenv("ARM_CLIENT_ID"),
		TenantID:                      os.Getenv("ARM_TENANT_ID"),
		EnableAuthenticationUsingOIDC: os.Getenv("ARM_USE_OIDC") == "true",
		OIDCAssertionToken:            strings.TrimSpace(string(assertion)),
	}
	authorizer, err := auth.NewAuthorizerFromCredentials(context.Background(), credentials, cloud.ResourceManager)
	if err != nil {
		return err
	}
	token, err := authorizer.Token(context.Background(), &http.Request{})
	if err != nil {
		return err
	}
	fmt.Println(token.AccessToken[:len("eyJ0.test.")])
	return nil
}
