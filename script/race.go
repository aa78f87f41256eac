//go:build race

package script

// memoryFactor leaves room for the race detector, which keeps several times the
// memory it watches.
const memoryFactor = 16
