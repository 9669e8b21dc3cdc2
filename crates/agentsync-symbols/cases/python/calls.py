@app.route("/home", methods=["GET"])
@cached
def view(request):
    load(1, 2, key=3)
    request.user.name()
    request.send(*args)
    send(**options)
    User("a", age=1)
    models.User(1).save()
    sum(x for x in items)
    call(a=1, a=2)
    [f(i) for i in range(3)]
    getattr(user, "rename")(1)
    print(f"{fmt(user.name, 2)} done")
    await_me(lambda v, w=1: v.go(w))
