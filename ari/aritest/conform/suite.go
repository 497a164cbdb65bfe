package conform

import (
	"context"
	"slices"
	"testing"
	"time"
)

// conformCase is one thing that is promised.
type conformCase struct {
	name string
	run  func(*bench)
}

// Run runs all cases.
func Run(t *testing.T, target Target) {
	runCases(t, target, slices.Concat(appCases, dialCases, bridgeCases, mediaCases, recordingCases, transferCases))
}

// caseTime is far above what any case needs.
const caseTime = 40 * time.Second

func runCases(t *testing.T, target Target, cases []conformCase) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			target.Do(t, func(t *testing.T, site Site) {
				ctx, cancel := context.WithTimeout(context.Background(), caseTime)
				t.Cleanup(cancel)
				c.run(newBench(t, ctx, site))
			})
		})
	}
}
