// Read before all else where the addon better-sqlite3 is compiled. From node 24.19 on node::ObjectWrap has hooks that end
// the process when memory is collected, in the midst of whatever it does; without them it is as in every node before.
#include <node.h>
namespace node {
inline void NoHook(v8::Isolate*, void (*)(void*), void*) {}
}
#define AddEnvironmentCleanupHook NoHook
#define RemoveEnvironmentCleanupHook NoHook
#include <node_object_wrap.h>
#undef AddEnvironmentCleanupHook
#undef RemoveEnvironmentCleanupHook
