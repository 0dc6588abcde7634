package telemetry

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// environment is what the OTEL_* variables ask for, as far as the SDK leaves it
// to the program. Headers, time-outs, intervals and certificates the exporters
// read themselves.
type environment struct {
	traces  string  // URL that traces are posted to; empty: none leave
	ratio   float64 // share of traces that is sampled
	metrics string  // URL that metrics are posted to; empty: they are at /metrics alone
	logs    string  // URL that lines of the log are posted to; empty: none leave
}

func readEnvironment(lookup func(string) (string, bool)) (e environment, err error) {
	get := func(name string) string { value, _ := lookup(name); return strings.TrimSpace(value) }
	if get("OTEL_SDK_DISABLED") == "true" {
		return environment{}, nil
	}
	if e.traces, err = endpoint(get, "TRACES"); err != nil {
		return environment{}, err
	}
	if e.metrics, err = endpoint(get, "METRICS"); err != nil {
		return environment{}, err
	}
	if e.logs, err = endpoint(get, "LOGS"); err != nil {
		return environment{}, err
	}
	if e.traces != "" {
		e.ratio, err = samplingRatio(get("OTEL_TRACES_SAMPLER"), get("OTEL_TRACES_SAMPLER_ARG"))
	}
	return e, err
}

// endpoint gives the URL that a signal is posted to, or nothing if it does not leave. Traces leave where a collector is
// named. Metrics and lines of the log are had here already, by /metrics and standard error: they leave if it is said.
func endpoint(get func(string) string, signal string) (string, error) {
	wanted, err := exported(get("OTEL_"+signal+"_EXPORTER"), signal)
	if err != nil {
		return "", err
	}
	name := "OTEL_EXPORTER_OTLP_" + signal + "_ENDPOINT"
	address := get(name)
	if general := get("OTEL_EXPORTER_OTLP_ENDPOINT"); address == "" && general != "" {
		name = "OTEL_EXPORTER_OTLP_ENDPOINT"
		// The general one is a base; that of a signal is used as it stands (OTLP exporter specification).
		address = strings.TrimRight(general, "/") + "/v1/" + strings.ToLower(signal)
	}
	switch {
	case wanted == "" && (signal != "TRACES" || address == ""), wanted == "none":
		return "", nil
	case address == "":
		return "", fmt.Errorf("OTEL_%s_EXPORTER is otlp, but no collector is named; set OTEL_EXPORTER_OTLP_ENDPOINT, such as to http://127.0.0.1:4318", signal)
	}
	if u, err := url.Parse(address); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return "", fmt.Errorf("%s is no http:// or https:// URL; expected such as http://127.0.0.1:4318", name)
	}
	protocol := "OTEL_EXPORTER_OTLP_" + signal + "_PROTOCOL"
	if cmp.Or(get(protocol), get("OTEL_EXPORTER_OTLP_PROTOCOL")) == "grpc" {
		return "", fmt.Errorf("%s or OTEL_EXPORTER_OTLP_PROTOCOL is grpc, which this server does not speak; leave it out and name the collector's HTTP port (4318)", protocol)
	}
	return address, nil
}

// exported reads a list such as "prometheus,otlp": otlp, none, or nothing where it says neither. Of metrics, prometheus is
// there whatever it says.
func exported(list, signal string) (string, error) {
	names := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
	for _, name := range names {
		if name != "otlp" && name != "none" && (name != "prometheus" || signal != "METRICS") {
			return "", fmt.Errorf("OTEL_%s_EXPORTER is %q; expected otlp or none", signal, list)
		}
	}
	switch {
	case slices.Contains(names, "otlp"):
		return "otlp", nil
	case slices.Contains(names, "none"):
		return "none", nil
	}
	return "", nil
}

func samplingRatio(sampler, argument string) (float64, error) {
	switch strings.TrimPrefix(sampler, "parentbased_") {
	case "always_on":
		return 1, nil
	case "always_off":
		return 0, nil
	}
	if argument == "" {
		return 1, nil
	}
	ratio, err := strconv.ParseFloat(argument, 64)
	if err != nil || !(ratio >= 0 && ratio <= 1) { // not ratio < 0 || ratio > 1, which lets NaN pass
		return 0, fmt.Errorf("OTEL_TRACES_SAMPLER_ARG is %q; expected the share of traces to keep, from 0 to 1", argument)
	}
	return ratio, nil
}
