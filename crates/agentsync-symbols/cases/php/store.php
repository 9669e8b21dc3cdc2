<?php
namespace App;

// Mentions Nobody.
class Store extends Base implements Reader {
    private int $limit = 10;
    public function find(string $key, int $count = 1): int {
        return $this->users->load('user_name');
    }
}

function helper() { return new Store(); }
