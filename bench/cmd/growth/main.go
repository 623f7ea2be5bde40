// Command growth measures how the claims of our function grow with concurrency,
// on the DynamoDB at PORTARIA_DYNAMODB_ENDPOINT, and writes what it found into
// docs/benchmarks.md. It is run from the module's root: make bench-growth.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/pontte/portaria/bench/fake"
	"github.com/pontte/portaria/bench/measure"
	"github.com/pontte/portaria/bench/peer"
	"github.com/pontte/portaria/bench/report"
)

const (
	originalEvent = "events/admin-create-user.json"
	warmUp        = 20 // invocations of each process
)

// concurrent are the levels.
var concurrent = []int{1, 4, 16, 64}

func main() {
	log.SetFlags(0)
	log.SetPrefix("growth: ")
	bootstrap := flag.String("bootstrap", ".build/functions/PreSignUpFunction/bootstrap", "our function")
	claims := flag.Int("claims", 8000, "claims at each level")
	doc := flag.String("doc", "docs/benchmarks.md", "document that gets the table; empty: none")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *bootstrap, *claims, *doc); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, bootstrap string, claims int, doc string) error {
	endpoint := os.Getenv("PORTARIA_DYNAMODB_ENDPOINT")
	if endpoint == "" {
		return fmt.Errorf("PORTARIA_DYNAMODB_ENDPOINT is not set: run make bench-growth, which starts DynamoDB Local")
	}
	if err := createTable(ctx, endpoint); err != nil {
		return err
	}
	levels, err := grow(ctx, bootstrap, endpoint, claims)
	if err != nil {
		return err
	}
	table := report.GrowthTable(levels)
	fmt.Print(table)
	if doc == "" {
		return nil
	}
	b, err := os.ReadFile(doc)
	if err != nil {
		return err
	}
	text, err := report.Replace(string(b), "growth", table)
	if err != nil {
		return fmt.Errorf("%s: %w", doc, err)
	}
	return os.WriteFile(doc, []byte(text), 0o644)
}

func grow(ctx context.Context, bootstrap, endpoint string, claims int) ([]report.Level, error) {
	bootstrap, err := filepath.Abs(bootstrap)
	if err != nil {
		return nil, err
	}
	root, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	programs, err := peer.Builder{Root: root, Bootstrap: bootstrap}.Build(ctx, peer.Ours)
	if err != nil {
		return nil, err
	}
	original, err := os.ReadFile(originalEvent)
	if err != nil {
		return nil, err
	}
	most := concurrent[len(concurrent)-1]
	signUps, err := fake.SignUps(original, len(concurrent)*(claims+most*warmUp))
	if err != nil {
		return nil, err
	}
	var levels []report.Level
	for _, n := range concurrent {
		share := claims + n*warmUp
		l, err := measure.Grow(ctx, programs[0], endpoint, n, warmUp, signUps[:share])
		if err != nil {
			return nil, fmt.Errorf("%d at once: %w", n, err)
		}
		signUps = signUps[share:]
		levels = append(levels, l)
	}
	return levels, nil
}

func createTable(ctx context.Context, endpoint string) error {
	client := dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(endpoint),
		Region:       fake.Region,
		Credentials:  credentials.NewStaticCredentialsProvider("bench", "bench", "bench"),
	})
	_, err := client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:            aws.String(fake.Table),
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("cpf"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("cpf"), KeyType: types.KeyTypeHash}},
	})
	if err != nil {
		return fmt.Errorf("create the claims table: %w", err)
	}
	return nil
}
