package a

func before() { call(1) }

func broken( {
	x :=
}

func after(a int) {
	other(a, 2)
}
