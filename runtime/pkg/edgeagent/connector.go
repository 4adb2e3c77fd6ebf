package edgeagent

import (
	"bytes"
	"context"
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
		connection, err := mqtt.Dial(ctx, settings.Address, mqtt.TLSFiles{
			CA: settings.TLS.CA, Certificate: settings.TLS.Certificate, Key: settings.TLS.Key, ServerName: settings.TLS.ServerName,
		})
		if err != nil {
			return nil, err
		}
		return mqtt.Connect(ctx, connection, options)
	}
}
