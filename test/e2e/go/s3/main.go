// Reads an object, with what the AWS SDK finds by itself.
package main

import (
	"context"
	"fmt"
	"io"
	"log"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func main() {
	ctx := context.Background()
	defaults, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	input := &s3.GetObjectInput{Bucket: aws.String("reports"), Key: aws.String("2026/november.txt")}
	object, err := s3.NewFromConfig(defaults).GetObject(ctx, input)
	if err != nil {
		log.Fatal(err)
	}
	defer object.Body.Close()
	text, err := io.ReadAll(object.Body)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(text))
}
