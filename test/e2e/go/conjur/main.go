// Reads a variable, with what the environment says.
package main

import (
	"fmt"
	"log"

	"github.com/cyberark/conjur-api-go/conjurapi"
)

func main() {
	config, err := conjurapi.LoadConfig()
	if err != nil {
		log.Fatal(err)
	}
	client, err := conjurapi.NewClientFromEnvironment(config)
	if err != nil {
		log.Fatal(err)
	}
	secret, err := client.RetrieveSecret("reports/password")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(secret))
}
