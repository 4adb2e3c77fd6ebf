package sensors

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/skerry-dev/skerry/runtime/pkg/edgeagent/config"
)

type driverFunc func(ctx context.Context) (float64, error)

func (f driverFunc) Read(ctx context.Context) (float64, error) { return f(ctx) }

// kept collects readings by sensor.
type kept struct {
	mu     sync.Mutex
	values map[string][]float64
}

func (k *kept) keep(_ context.Context, sensor config.Sensor, value float64, _ time.Time) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.values[sensor.Name] = append(k.values[sensor.Name], value)
	return nil
}

func silent() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// TestASensorThatHangsOrFailsAffectsNoOther runs a minute of simulated time with four sensors.
func TestASensorThatHangsOrFailsAffectsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		names := []string{"good", "hanging", "failing", "panicking", "infinite"}
		drivers := map[string]Driver{
			"good": driverFunc(func(context.Context) (float64, error) { return 1, nil }),
			// Ignores its context, as reading a file does.
			"hanging":   driverFunc(func(context.Context) (float64, error) { time.Sleep(time.Hour); return 1, nil }),
			"failing":   driverFunc(func(context.Context) (float64, error) { return 0, errors.New("no device") }),
			"panicking": driverFunc(func(context.Context) (float64, error) { panic("index out of range") }),
			"infinite":  driverFunc(func(context.Context) (float64, error) { return math.Inf(1), nil }),
		}
		var configs []config.Sensor
		for _, name := range names {
			configs = append(configs, config.Sensor{
				Name: name, Driver: config.DriverSimulated, Simulated: &config.Simulated{}, Interval: config.Duration(time.Second), Timeout: config.Duration(100 * time.Millisecond),
			})
		}
		collected := &kept{values: map[string][]float64{}}
		group := New(configs, collected.keep, nil, silent())
		for _, each := range group.sensors {
			each.driver = drivers[each.config.Name]
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute-time.Millisecond)
		defer cancel()
		group.Run(ctx)
		wrong := map[string]string{
			"hanging": errHanging.Error(), "failing": "no device", "panicking": "the driver failed: index out of range", "infinite": errNoNumber.Error(),
		}
		for _, each := range group.Latest() {
			if each.Name == "good" {
				if each.Readings != 60 || each.Errors != 0 || *each.Value != 1 || len(collected.values["good"]) != 60 {
					t.Errorf("the good sensor: %+v", each)
				}
			} else if each.Errors != 60 || each.Error != wrong[each.Name] || len(collected.values[each.Name]) > 0 {
				t.Errorf("%s: %+v, want the error %q", each.Name, each, wrong[each.Name])
			}
		}
		// The abandoned reading ends.
		time.Sleep(time.Hour)
	})
}

func TestSimulatedReadingsDependOnTheirSeedOnly(t *testing.T) {
	read := func(seed uint64) (values []float64) {
		driver := newDriver(config.Sensor{Driver: config.DriverSimulated, Interval: config.Duration(15 * time.Minute), Simulated: &config.Simulated{
			Mean: 20, Amplitude: 5, Period: config.Duration(time.Hour), Noise: 0.1, Seed: seed,
		}})
		for range 4 {
			value, err := driver.Read(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			values = append(values, value)
		}
		return values
	}
	first, again, other := read(1), read(1), read(2)
	for index, want := range []float64{20, 25, 20, 15} {
		if first[index] != again[index] || first[index] == other[index] {
			t.Errorf("reading %d: %v, %v and with another seed %v", index, first[index], again[index], other[index])
		}
		if math.Abs(first[index]-want) > 0.6 {
			t.Errorf("reading %d is %v, want about %v", index, first[index], want)
		}
	}
}

func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "temp1_input")
	driver := newDriver(config.Sensor{Driver: config.DriverFile, File: &config.File{Path: path, Scale: 0.001, Offset: 1}})
	if _, err := driver.Read(t.Context()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	for text, want := range map[string]string{"21500\n": "", "": "is empty", "warm": `"warm": must be a number`} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		value, err := driver.Read(t.Context())
		if want == "" && (err != nil || value != 22.5) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: got %v, %v", text, value, err)
		}
	}
}
