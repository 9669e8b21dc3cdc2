# Mentions Nobody.
module App
  class Store < Base
    def find(key, count: 1)
      users.load("user_name")
      refresh(key)
    end

    def self.open(path)
      new(path)
    end
  end
end
