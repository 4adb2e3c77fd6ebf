package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"runtime/debug"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

const spdxMediaType = "application/spdx+json"

// spdxDocument is the part of SPDX 2.3 that describes a Go program.
type spdxDocument struct {
	SPDXID            string             `json:"SPDXID"`
	Version           string             `json:"spdxVersion"`
	DataLicense       string             `json:"dataLicense"`
	Name              string             `json:"name"`
	DocumentNamespace string             `json:"documentNamespace"`
	CreationInfo      spdxCreation       `json:"creationInfo"`
	Packages          []spdxPackage      `json:"packages"`
	Relationships     []spdxRelationship `json:"relationships"`
}

type spdxCreation struct {
	Created  string   `json:"created"`
	Creators []string `json:"creators"`
}

type spdxPackage struct {
	SPDXID           string          `json:"SPDXID"`
	Name             string          `json:"name"`
	Version          string          `json:"versionInfo,omitempty"`
	DownloadLocation string          `json:"downloadLocation"`
	FilesAnalyzed    bool            `json:"filesAnalyzed"`
	LicenseConcluded string          `json:"licenseConcluded"`
	LicenseDeclared  string          `json:"licenseDeclared"`
	CopyrightText    string          `json:"copyrightText"`
	Checksums        []spdxChecksum  `json:"checksums,omitempty"`
	ExternalRefs     []spdxReference `json:"externalRefs,omitempty"`
}

type spdxChecksum struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"checksumValue"`
}

type spdxReference struct {
	Category string `json:"referenceCategory"`
	Type     string `json:"referenceType"`
	Locator  string `json:"referenceLocator"`
}

type spdxRelationship struct {
	Element string `json:"spdxElementId"`
	Type    string `json:"relationshipType"`
	Related string `json:"relatedSpdxElement"`
}

// bom lists what is in a program: the modules that its Go toolchain recorded in it, and the toolchain's library.
func bom(name, version, program string, platform v1.Platform) ([]byte, error) {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return nil, err
	}
	data, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(data)
	digest := hex.EncodeToString(sum[:])
	root := newPackage("Program", name, version)
	root.Checksums = []spdxChecksum{{Algorithm: "SHA256", Value: digest}}
	document := spdxDocument{
		SPDXID: "SPDXRef-DOCUMENT", Version: "SPDX-2.3", DataLicense: "CC0-1.0",
		Name:              fmt.Sprintf("%s %s for %s", name, version, platform),
		DocumentNamespace: "https://skerry.dev/spdx/" + name + "/" + digest,
		CreationInfo:      spdxCreation{Created: epoch.Format("2006-01-02T15:04:05Z"), Creators: []string{"Tool: skerry-images"}},
		Packages:          []spdxPackage{root},
		Relationships:     []spdxRelationship{{"SPDXRef-DOCUMENT", "DESCRIBES", root.SPDXID}},
	}
	for _, module := range modules(info) {
		document.Packages = append(document.Packages, module)
		document.Relationships = append(document.Relationships, spdxRelationship{root.SPDXID, "CONTAINS", module.SPDXID})
	}
	return json.MarshalIndent(document, "", "  ")
}

// modules returns the packages of the modules in a program, and of the standard library.
func modules(info *debug.BuildInfo) []spdxPackage {
	goVersion := strings.TrimPrefix(info.GoVersion, "go")
	library := newPackage("Stdlib", "stdlib", goVersion)
	library.ExternalRefs = []spdxReference{{"PACKAGE-MANAGER", "purl", "pkg:golang/stdlib@" + goVersion}}
	found := []spdxPackage{library}
	for index, dependency := range info.Deps {
		if dependency.Replace != nil {
			dependency = dependency.Replace
		}
		module := newPackage(fmt.Sprintf("Module-%d-%s", index, dependency.Path), dependency.Path, dependency.Version)
		module.ExternalRefs = []spdxReference{{"PACKAGE-MANAGER", "purl", "pkg:golang/" + dependency.Path + "@" + dependency.Version}}
		found = append(found, module)
	}
	return found
}

var notInIdentifiers = regexp.MustCompile(`[^A-Za-z0-9.-]+`)

func newPackage(id, name, version string) spdxPackage {
	const unknown = "NOASSERTION"
	return spdxPackage{
		SPDXID: "SPDXRef-" + notInIdentifiers.ReplaceAllString(id, "-"), Name: name, Version: version,
		DownloadLocation: unknown, LicenseConcluded: unknown, LicenseDeclared: unknown, CopyrightText: unknown,
	}
}
