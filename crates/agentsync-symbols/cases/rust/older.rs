fn f(&self, path: &Path) -> Result<u8, Error> {
    let x = try!(self.builder.add_with(&path.text, &opts));
    match x {
        Ok(_) => try!(g()),
        Err(err) => return Err(From::from(err)),
    }
    Ok(try!(h(try!(z()))).size())
}
