package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

// Schema is the part of JSON Schema 2020-12 that plugin arguments need. FormatMinimum and FormatMaximum bound
// durations.
type Schema struct {
	Dialect              string             `json:"$schema,omitempty"`
	Comment              string             `json:"$comment,omitempty"`
	Ref                  string             `json:"$ref,omitempty"`
	Description          string             `json:"description,omitempty"`
	Type                 string             `json:"type,omitempty"`
	Const                string             `json:"const,omitempty"`
	Enum                 []string           `json:"enum,omitempty"`
	Format               string             `json:"format,omitempty"`
	FormatMinimum        string             `json:"formatMinimum,omitempty"`
	FormatMaximum        string             `json:"formatMaximum,omitempty"`
	Minimum              *float64           `json:"minimum,omitempty"`
	ExclusiveMinimum     *float64           `json:"exclusiveMinimum,omitempty"`
	Maximum              *float64           `json:"maximum,omitempty"`
	Default              any                `json:"default,omitempty"`
	Required             []string           `json:"required,omitempty"`
	Properties           map[string]*Schema `json:"properties,omitempty"`
	AdditionalProperties *bool              `json:"additionalProperties,omitempty"`
	AnyOf                []*Schema          `json:"anyOf,omitempty"`
	OneOf                []*Schema          `json:"oneOf,omitempty"`
	Defs                 map[string]*Schema `json:"$defs,omitempty"`
}

// group of the arguments; the version is the name of the Go package.
const group = "config.skerry.dev"

// schemaOf describes every struct type of a package, and which of them are arguments: those with a TypeMeta.
func schemaOf(folder string) (*Schema, error) {
	types, version, err := typesOf(folder)
	if err != nil {
		return nil, err
	}
	root := &Schema{
		Dialect: "https://json-schema.org/draft/2020-12/schema",
		Comment: "Generated from the Go types of " + group + "/" + version + ". DO NOT EDIT.",
		Defs:    map[string]*Schema{},
	}
	for _, t := range types {
		schema, err := t.schema(group + "/" + version)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
		root.Defs[t.name] = schema
		if _, ok := schema.Properties["kind"]; ok {
			root.OneOf = append(root.OneOf, &Schema{Ref: "#/$defs/" + t.name})
		}
	}
	return root, nil
}

// namedType is one type declaration with its comment.
type namedType struct {
	name    string
	comment comment
	expr    ast.Expr
}

func typesOf(folder string) (types []namedType, version string, err error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, "", err
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, "", err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ParseComments)
		if err != nil {
			return nil, "", err
		}
		version = file.Name.Name
		for _, declaration := range file.Decls {
			general, ok := declaration.(*ast.GenDecl)
			if !ok || general.Tok != token.TYPE {
				continue
			}
			for _, spec := range general.Specs {
				spec := spec.(*ast.TypeSpec)
				doc := spec.Doc
				if doc == nil {
					doc = general.Doc
				}
				types = append(types, namedType{spec.Name.Name, parseComment(doc), spec.Type})
			}
		}
	}
	if len(types) == 0 {
		return nil, "", fmt.Errorf("%s: no Go types found", folder)
	}
	return types, version, nil
}

func (t namedType) schema(apiVersion string) (*Schema, error) {
	fields, ok := t.expr.(*ast.StructType)
	if !ok {
		schema, err := typeSchema(t.expr)
		if err != nil {
			return nil, err
		}
		schema.Description = t.comment.text
		return schema, t.comment.apply(schema)
	}
	strict := false
	schema := &Schema{
		Type: "object", Description: t.comment.text, Properties: map[string]*Schema{}, AdditionalProperties: &strict,
	}
	for _, field := range fields.Fields.List {
		if len(field.Names) == 0 {
			schema.Properties["apiVersion"] = &Schema{Const: apiVersion}
			schema.Properties["kind"] = &Schema{Const: t.name}
			schema.Required = []string{"apiVersion", "kind"}
			continue
		}
		goName := field.Names[0].Name
		tag, err := strconv.Unquote(field.Tag.Value)
		if err != nil {
			return nil, err
		}
		name, _, _ := strings.Cut(reflect.StructTag(tag).Get("json"), ",")
		property, err := typeSchema(field.Type)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", goName, err)
		}
		comment := parseComment(field.Doc)
		property.Description = comment.withoutSubject(goName)
		if err := comment.apply(property); err != nil {
			return nil, fmt.Errorf("%s: %w", goName, err)
		}
		schema.Properties[name] = property
	}
	return schema, t.comment.apply(schema)
}

// typeSchema describes a type by its JSON form. Pointers only mark absence.
func typeSchema(expr ast.Expr) (*Schema, error) {
	switch expr := expr.(type) {
	case *ast.StarExpr:
		return typeSchema(expr.X)
	case *ast.SelectorExpr:
		if expr.Sel.Name == "Duration" {
			return &Schema{Type: "string", Format: "duration"}, nil
		}
	case *ast.Ident:
		switch expr.Name {
		case "string":
			return &Schema{Type: "string"}, nil
		case "float64":
			return &Schema{Type: "number"}, nil
		case "bool":
			return &Schema{Type: "boolean"}, nil
		}
		if ast.IsExported(expr.Name) {
			return &Schema{Ref: "#/$defs/" + expr.Name}, nil
		}
	}
	return nil, fmt.Errorf("unsupported type %T", expr)
}
