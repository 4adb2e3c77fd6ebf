package edgeagent

import (
	"context"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/config"
	"github.com/skerry-dev/skerry/runtime/pkg/mqtt"
)

// connector returns a function that connects to a broker. It adds to the options where the broker is and who the agent is.
func connector(settings config.Connection) func(context.Context, mqtt.Options) (*mqtt.Client, error) {
	return func(ctx context.Context, options mqtt.Options) (*mqtt.Client, error) {
		version, err := mqtt.ParseVersion(settings.Protocol)
		if err != nil {
			return nil, err
		}
		options.Address, options.TLS, options.Version = settings.Address, mqtt.TLSFiles(settings.TLS), version
		options.ClientID, options.Username, options.PasswordFile = settings.ClientID, settings.Username, settings.PasswordFile
		options.KeepAlive = settings.KeepAlive.Std()
		return mqtt.Connect(ctx, options)
	}
}
