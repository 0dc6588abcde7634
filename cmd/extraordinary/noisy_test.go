package main

import (
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// BenchmarkNoisyNeighbour tells what one organisation that sends 20 times its limit does to the others: the p99 of a
// calm organisation beside it over the p99 of the same without it, in turns on one server on Postgres and Redis.
//
//	go test ./cmd/extraordinary -run '^$' -bench NoisyNeighbour -benchtime 1x
func BenchmarkNoisyNeighbour(b *testing.B) {
	http.DefaultTransport.(*http.Transport).MaxIdleConnsPerHost = 128 // else it measures how connections are made
	settings := production(b)
	server := start(b, freeAddress(b), append([]string{"serve"}, settings...)...)
	noisy, calm := customer(b, settings, server.url, "kereru"), customer(b, settings, server.url, "weka")
	if status, answer, err := calm.ask(http.MethodPost, "/Users", personNamed("mia@weka.example")); err != nil || status != http.StatusCreated {
		b.Fatal(status, err, answer)
	}
	const (
		turn   = 4 * time.Second
		limit  = 100 // requests a second, the default
		noise  = 20 * limit
		rounds = 3
	)
	for b.Loop() {
		var alone, beside []time.Duration
		refused, sent := 0, 0
		for range rounds {
			alone = append(alone, calm.calls(b, turn)...)
			over := make(chan struct{})
			var noises sync.WaitGroup
			noises.Go(func() { refused, sent = noisy.shout(noise, over, refused, sent) })
			beside = append(beside, calm.calls(b, turn)...)
			close(over)
			noises.Wait()
		}
		without, with := p99(alone), p99(beside)
		b.ReportMetric(float64(with)/float64(without), "p99-ratio")
		b.ReportMetric(float64(without.Microseconds())/1000, "p99-alone-ms")
		b.ReportMetric(float64(with.Microseconds())/1000, "p99-beside-ms")
		b.ReportMetric(float64(sent)/(rounds*turn).Seconds(), "noise/s")
		b.ReportMetric(100*float64(refused)/float64(sent), "noise-refused-%")
	}
}

// calls asks as Entra does at its fastest, 25 times a second, and gives what each answer took.
func (c client) calls(t testing.TB, turn time.Duration) (took []time.Duration) {
	t.Helper()
	ticks := time.NewTicker(time.Second / 25)
	defer ticks.Stop()
	for end := time.Now().Add(turn); time.Now().Before(end); <-ticks.C {
		began := time.Now()
		status, answer, err := c.ask(http.MethodGet, "/Users?filter=userName+eq+%22mia%40weka.example%22", "")
		if err != nil || status != http.StatusOK {
			t.Fatalf("the calm organisation is not served: status %d, %v: %s", status, err, answer)
		}
		took = append(took, time.Since(began))
	}
	return took
}

// shout sends so many requests a second until over, and adds up how many were sent and refused.
func (c client) shout(perSecond int, over <-chan struct{}, refused, sent int) (int, int) {
	var counts sync.Mutex
	var voices sync.WaitGroup
	places := make(chan struct{}, 64)
	ticks := time.NewTicker(time.Second / 1000) // evenly, so that its own crowds are not what is measured
	defer ticks.Stop()
	for {
		select {
		case <-over:
			voices.Wait()
			return refused, sent
		case <-ticks.C:
		}
		for range perSecond / 1000 {
			select {
			case places <- struct{}{}:
			default:
				continue // more at once than that would measure the client
			}
			voices.Go(func() {
				defer func() { <-places }()
				status, _, err := c.ask(http.MethodGet, "/Users?count=1", "")
				counts.Lock()
				defer counts.Unlock()
				if sent++; err == nil && status == http.StatusTooManyRequests {
					refused++
				}
			})
		}
	}
}

func p99(took []time.Duration) time.Duration {
	slices.Sort(took)
	return took[len(took)*99/100]
}
