const api = {
  url: "/api/users",
  load(id) {
    return fetch(id);
  },
  save: async (item, force = false) => {},
  get size() {
    return 1;
  },
  set size(v) {},
  nested: { deep: function () {} },
  "quoted-key": 1,
  url: "/again",
  ...rest,
  url: "/meant",
};

export default {
  data: 1,
};
