package billing

import (
	"context"
	"errors"

	pb "example.com/api/v2/proto"
	_ "embed"
	. "example.com/dsl"
	"example.com/go-yaml/v3"
	"gopkg.in/ini.v1"
)

// Charge mentions Nobody.
func Charge(ctx context.Context, from, to *Account, amount int) (Receipt, error) {
	if err := check(amount); err != nil {
		return Receipt{}, errors.New("bad.amount")
	}
	pb.Send(ctx, from.ID)
	return to.Store().Put(amount)
}

func check(int) error { return nil }

func sum(first int, rest ...int) int {
	return sum(pair())
}

func Map[T any, U Number](in []T, f func(T) U) []U {
	out := make([]U, len(in))
	Map[int, int](nil, nil)
	sum(1, in...)
	go func(x int) { sum(x, 2, 3) }(1)
	return out
}

func init() {}

func init() {}
