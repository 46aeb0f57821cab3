// Lists buckets, with what the environment says.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"

	"github.com/stackitcloud/stackit-sdk-go/core/auth"
	"github.com/stackitcloud/stackit-sdk-go/core/config"
)

const buckets = "https://object-storage.api.stackit.cloud/v2/project/reports/regions/eu01/buckets"

func main() {
	transport, err := auth.SetupAuth(&config.Configuration{})
	if err != nil {
		log.Fatal(err)
	}
	response, err := (&http.Client{Transport: transport}).Get(buckets)
	if err != nil {
		log.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		log.Fatal(response.Status)
	}
	var list struct {
		Buckets []struct{ Name string }
	}
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil {
		log.Fatal(err)
	}
	for _, bucket := range list.Buckets {
		fmt.Println(bucket.Name)
	}
}
