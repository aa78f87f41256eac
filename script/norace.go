//go:build !race

package script

// memoryFactor is of use to the race detector only.
const memoryFactor = 1
