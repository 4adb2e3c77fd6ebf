//go:build modbus

package sensors

import (
	"context"
	"io"
	"log"
	"time"

	"github.com/simonvetter/modbus"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/config"
)

func init() {
	drivers[config.DriverModbus] = func(s config.Sensor) Driver { return &register{Modbus: *s.Modbus, timeout: s.Timeout.Std()} }
}

// register reads a register of a Modbus/TCP device. It keeps its connection until a reading fails.
type register struct {
	config.Modbus
	timeout time.Duration
	client  *modbus.ModbusClient
}

func (r *register) Read(context.Context) (float64, error) {
	if r.client == nil {
		if err := r.open(); err != nil {
			return 0, err
		}
	}
	value, err := r.read()
	if err != nil {
		_ = r.client.Close()
		r.client = nil
		return 0, err
	}
	return value*r.Scale + r.Offset, nil
}

func (r *register) open() error {
	// Connecting and reading take one timeout each.
	client, err := modbus.NewClient(&modbus.ClientConfiguration{
		URL: "tcp://" + r.Address, Timeout: r.timeout / 2, Logger: log.New(io.Discard, "", 0),
	})
	if err != nil {
		return err
	}
	if err := client.SetUnitId(uint8(r.UnitID)); err != nil {
		return err
	}
	order := modbus.HIGH_WORD_FIRST
	if r.WordOrder == "low-first" {
		order = modbus.LOW_WORD_FIRST
	}
	if err := client.SetEncoding(modbus.BIG_ENDIAN, order); err != nil {
		return err
	}
	if err := client.Open(); err != nil {
		return err
	}
	r.client = client
	return nil
}

func (r *register) read() (float64, error) {
	table := modbus.HOLDING_REGISTER
	if r.Table == "input" {
		table = modbus.INPUT_REGISTER
	}
	address := uint16(r.Register)
	switch r.Type {
	case "uint16", "int16":
		value, err := r.client.ReadRegister(address, table)
		if r.Type == "int16" {
			return float64(int16(value)), err
		}
		return float64(value), err
	case "float32":
		value, err := r.client.ReadFloat32(address, table)
		return float64(value), err
	}
	value, err := r.client.ReadUint32(address, table)
	if r.Type == "int32" {
		return float64(int32(value)), err
	}
	return float64(value), err
}
