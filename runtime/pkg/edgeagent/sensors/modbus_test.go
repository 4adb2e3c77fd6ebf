//go:build modbus

package sensors

import (
	"fmt"
	"io"
	"log"
	"math"
	"net"
	"testing"
	"time"

	"github.com/simonvetter/modbus"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/config"
)

// registers answers readings of registers.
type registers struct{ holding, input []uint16 }

func (r *registers) HandleCoils(*modbus.CoilsRequest) ([]bool, error) {
	return nil, modbus.ErrIllegalFunction
}

func (r *registers) HandleDiscreteInputs(*modbus.DiscreteInputsRequest) ([]bool, error) {
	return nil, modbus.ErrIllegalFunction
}

func (r *registers) HandleHoldingRegisters(request *modbus.HoldingRegistersRequest) ([]uint16, error) {
	return r.read(r.holding, request.Addr, request.Quantity)
}

func (r *registers) HandleInputRegisters(request *modbus.InputRegistersRequest) ([]uint16, error) {
	return r.read(r.input, request.Addr, request.Quantity)
}

func (r *registers) read(from []uint16, address, quantity uint16) ([]uint16, error) {
	if int(address+quantity) > len(from) {
		return nil, modbus.ErrIllegalDataAddress
	}
	return from[address : address+quantity], nil
}

func TestModbus(t *testing.T) {
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := probe.Addr().String()
	_ = probe.Close()
	float := math.Float32bits(21.5)
	device := &registers{holding: []uint16{65535, 215, uint16(float >> 16), uint16(float)}, input: []uint16{7, 1}}
	server, err := modbus.NewServer(&modbus.ServerConfiguration{URL: "tcp://" + address, Timeout: time.Second, Logger: log.New(io.Discard, "", 0)}, device)
	if err != nil {
		t.Fatal(err)
	}
	read := func(table, kind, order string, register int) (float64, error) {
		return newDriver(config.Sensor{Driver: config.DriverModbus, Timeout: config.Duration(time.Second), Modbus: &config.Modbus{
			Address: address, UnitID: 1, Table: table, Type: kind, WordOrder: order, Register: register, Scale: 2, Offset: 1,
		}}).Read(t.Context())
	}
	if _, err := read("holding", "uint16", "high-first", 0); err == nil {
		t.Error("a device that does not listen was read")
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	defer server.Stop()
	for _, test := range []struct {
		table, kind, order string
		register           int
		want               float64
	}{
		{"holding", "uint16", "high-first", 0, 131071}, {"holding", "int16", "high-first", 0, -1}, {"holding", "uint16", "high-first", 1, 431},
		{"holding", "float32", "high-first", 2, 44}, {"input", "uint32", "high-first", 0, 2*(7<<16+1) + 1}, {"input", "uint32", "low-first", 0, 2*(1<<16+7) + 1},
		{"holding", "int32", "high-first", 0, 2*(-65536+215) + 1},
	} {
		if got, err := read(test.table, test.kind, test.order, test.register); err != nil || got != test.want {
			t.Errorf("%+v: got %v, %v", test, got, err)
		}
	}
	if _, err := read("holding", "uint16", "high-first", 100); err == nil {
		t.Error("a register that does not exist was read")
	}
	// A driver connects again after its device was away.
	driver := newDriver(config.Sensor{Driver: config.DriverModbus, Timeout: config.Duration(time.Second), Modbus: &config.Modbus{
		Address: address, UnitID: 1, Table: "holding", Type: "uint16", WordOrder: "high-first", Register: 1, Scale: 1,
	}})
	for round := range 2 {
		if got, err := driver.Read(t.Context()); err != nil || got != 215 {
			t.Fatalf("round %d: got %v, %v", round, got, err)
		}
		_ = server.Stop()
		if _, err := driver.Read(t.Context()); err == nil {
			t.Fatal("a device that is away was read")
		}
		if server, err = modbus.NewServer(&modbus.ServerConfiguration{URL: fmt.Sprintf("tcp://%s", address), Timeout: time.Second, Logger: log.New(io.Discard, "", 0)}, device); err != nil {
			t.Fatal(err)
		}
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
	}
}
