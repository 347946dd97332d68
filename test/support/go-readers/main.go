// Reads one of our files with a Go library and prints what it found as NAME=VALUE, each ended by a NUL byte.
package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/docker/cli/opts"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/joho/godotenv"
)

func main() {
	found, err := read(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for name, value := range found {
		fmt.Fprintf(out, "%s=%s\x00", name, value)
	}
}

func read(reader, file string) (map[string]string, error) {
	switch reader {
	case "godotenv":
		return godotenv.Read(file)
	case "compose-go":
		return dotenv.Read(file)
	case "docker":
		return dockerEnvFile(file)
	case "hcl":
		return hclAttributes(file)
	}
	return nil, fmt.Errorf("no reader %s", reader)
}

func dockerEnvFile(file string) (map[string]string, error) {
	lines, err := opts.ParseEnvFile(file)
	if err != nil {
		return nil, err
	}
	return opts.ConvertKVStringsToMap(lines), nil
}

func hclAttributes(file string) (map[string]string, error) {
	parsed, problems := hclparse.NewParser().ParseHCLFile(file)
	if problems.HasErrors() {
		return nil, problems
	}
	attributes, problems := parsed.Body.JustAttributes()
	if problems.HasErrors() {
		return nil, problems
	}
	found := map[string]string{}
	for name, attribute := range attributes {
		value, problems := attribute.Expr.Value(&hcl.EvalContext{})
		if problems.HasErrors() {
			return nil, problems
		}
		found[name] = value.AsString()
	}
	return found, nil
}
