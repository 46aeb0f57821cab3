// Verifies a token as Teleport's Auth Service does with keys that were handed over: {"clusterName", "jwks", "idToken"} on
// standard input. Prints whose it is.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/gravitational/teleport/lib/kubernetestoken"
)

func main() {
	var asked struct{ ClusterName, JWKS, IDToken string }
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		log.Fatal(err)
	}
	result, err := kubernetestoken.ValidateTokenWithJWKS(
		time.Now(), []byte(asked.JWKS), asked.ClusterName, asked.IDToken,
	)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Username)
}
