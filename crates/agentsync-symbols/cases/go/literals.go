package a

var table = []User{{Name: "a", Age: 1}, {"b", 2}}

var byName = map[string]*User{
	"x": {Name: "x"},
	"y": {Name: "y"},
	"x": {Name: "z"},
}

func make1() {
	u := User{Name: "a", Age: 2}
	p := &pkg.Point{1, 2}
	n := new(Node)
	q, r := Queue[int]{}, 3
	u.Save()
	p.Move(1)
	use(n, q, r, []int{1, 2}, [][]User{{{Name: "deep"}}})
	_ = struct{ a int }{a: 1}
}
