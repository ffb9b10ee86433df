// Owns the opened BPF object: bpftool's generated statics behind one destructor.
//
// T is a skeleton type that bpftool generated. Destroying a Skeleton detaches every program and
// unmaps what libbpf had mapped; mappings made by Mapped (mapped.h) are their own.
#pragma once

#include <memory>

namespace cgsentry::kernel {

template <typename T>
class Skeleton {
 public:
  /// Empty when libbpf could not open it; errno says why.
  Skeleton() : object_(T::open()) {}

  explicit operator bool() const { return object_ != nullptr; }
  T* operator->() const { return object_.get(); }
  T& operator*() const { return *object_; }

  /// 0 or a negative errno.
  [[nodiscard]] int load() { return T::load(object_.get()); }

 private:
  struct Destroy {
    void operator()(T* object) const { T::destroy(object); }
  };
  std::unique_ptr<T, Destroy> object_;
};

}  // namespace cgsentry::kernel
