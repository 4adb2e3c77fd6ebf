package edgeagent

import (
	"bytes"
	"context"
	"errors"
	"os"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/config"
	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/mqtt"
)

// connector returns a function that connects to a broker. It reads password and certificates at each connection.
func connector(settings config.Connection) func(context.Context, mqtt.Options) (*mqtt.Client, error) {
	return func(ctx context.Context, options mqtt.Options) (*mqtt.Client, error) {
		options.Version = mqtt.Version5
		if settings.Protocol == "3.1.1" {
			options.Version = mqtt.Version311
		}
		options.ClientID, options.Username, options.KeepAlive = settings.ClientID, settings.Username, settings.KeepAlive.Std()
		if settings.PasswordFile != "" {
			password, err := os.ReadFile(settings.PasswordFile)
			if err != nil {
				return nil, err
			}
			options.Password = bytes.TrimRight(password, "\r\n")
		}
		files := mqtt.TLSFiles{
			CA: settings.TLS.CA, Certificate: settings.TLS.Certificate, Key: settings.TLS.Key, ServerName: settings.TLS.ServerName,
		}
		client, err := connect(ctx, settings.Address, files, options)
		if err != nil {
			return nil, errors.Join(err, mqtt.CheckValidity(files))
		}
		return client, nil
	}
}

func connect(ctx context.Context, address string, files mqtt.TLSFiles, options mqtt.Options) (*mqtt.Client, error) {
	connection, err := mqtt.Dial(ctx, address, files)
	if err != nil {
		return nil, err
	}
	return mqtt.Connect(ctx, connection, options)
}
