// Asks HCP who it is, with what the environment says.
package main

import (
	"fmt"
	"log"

	iam "github.com/hashicorp/hcp-sdk-go/clients/cloud-iam/stable/2019-12-10/client/iam_service"
	"github.com/hashicorp/hcp-sdk-go/config"
	"github.com/hashicorp/hcp-sdk-go/httpclient"
)

func main() {
	hcp, err := config.NewHCPConfig(config.FromEnv(), config.WithoutBrowserLogin())
	if err != nil {
		log.Fatal(err)
	}
	transport, err := httpclient.New(httpclient.Config{HCPConfig: hcp})
	if err != nil {
		log.Fatal(err)
	}
	answer, err := iam.New(transport, nil).IamServiceGetCallerIdentity(iam.NewIamServiceGetCallerIdentityParams(), nil)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(answer.Payload.Principal.Service.ResourceName)
}
