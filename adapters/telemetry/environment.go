package telemetry

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// environment is what the OTEL_* variables ask for, as far as the SDK leaves it
// to the program. Headers, time-outs and certificates the exporter reads itself.
type environment struct {
	endpoint string  // URL that traces are posted to; empty: none leave
	ratio    float64 // share of traces that is sampled
}

func readEnvironment(lookup func(string) (string, bool)) (environment, error) {
	get := func(name string) string { value, _ := lookup(name); return strings.TrimSpace(value) }
	none := environment{}
	if get("OTEL_SDK_DISABLED") == "true" || get("OTEL_TRACES_EXPORTER") == "none" {
		return none, nil
	}
	name := "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
	endpoint := get(name)
	if endpoint == "" {
		name = "OTEL_EXPORTER_OTLP_ENDPOINT"
		if endpoint = get(name); endpoint == "" {
			return none, nil
		}
		// The general one is a base; that of traces is used as it stands (OTLP exporter specification).
		endpoint = strings.TrimRight(endpoint, "/") + "/v1/traces"
	}
	if u, err := url.Parse(endpoint); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return none, fmt.Errorf("%s is no http:// or https:// URL; expected such as http://127.0.0.1:4318", name)
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"} {
		if protocol := get(name); protocol == "grpc" {
			return none, fmt.Errorf("%s is grpc, which this server does not speak; leave it out and name the collector's HTTP port (4318)", name)
		}
	}
	ratio, err := samplingRatio(get("OTEL_TRACES_SAMPLER"), get("OTEL_TRACES_SAMPLER_ARG"))
	return environment{endpoint: endpoint, ratio: ratio}, err
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
