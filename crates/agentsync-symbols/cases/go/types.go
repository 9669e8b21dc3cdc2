package store

import "sync"

type Store struct {
	sync.Mutex
	*Base
	Name, label string `json:"name"`
	users       map[string]*User
}

type Reader[K comparable] interface {
	Closer
	io.Writer
	Get(key K) (string, error)
	Put(string, ...int)
}

type Number interface {
	~int | ~float64
}

type ID int64
type Alias = Store
type Handler func(int) error

func (s *Store) Get(key string) *User {
	s.Lock()
	defer s.Unlock()
	s.Mutex.Lock()
	return s.users[key].Clone()
}

func (Store) Len() int { return 0 }

func (l *List[T]) Push(v T) {}
