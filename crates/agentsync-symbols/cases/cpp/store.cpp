#include "store.hpp"
namespace app {
// Mentions Nobody.
class Store : public Base {
public:
    int find(const std::string &key) { return users.load("user_name"); }
};
int Store::size() const { return 0; }
enum class Color { Red };
}
