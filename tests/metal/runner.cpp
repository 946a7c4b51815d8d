// Dispatches a shader over its items until all are done. The buffers come in and go out as words: of each slot
// its number of words, then these. Slot 0 is the job, whose second word is the number of items; the last but one
// is the counter of those that are not done.
#include "shader.hpp"

#include <cstdio>
#include <vector>

// Calls the shader for an item: see `call.hpp`, made with the shader.
static void invoke(unsigned int item, std::vector<std::vector<unsigned int>>& slots) {
#include "call.hpp"
}

static bool read(void* to, size_t words) { return std::fread(to, sizeof(unsigned int), words, stdin) == words; }

static void write(const void* from, size_t words) { std::fwrite(from, sizeof(unsigned int), words, stdout); }

int main() {
    constexpr int dispatches = 10000;
    std::vector<std::vector<unsigned int>> slots;
    for (unsigned int words; read(&words, 1);) {
        slots.emplace_back(words);
        if (!read(slots.back().data(), words)) {
            return 1;
        }
    }
    const unsigned int items = slots.at(0).at(1);
    unsigned int& unfinished = slots.at(slots.size() - 2).at(0);
    for (int dispatch = 0; dispatch < dispatches; dispatch++) {
        unfinished = 0;
        for (unsigned int item = 0; item < items; item++) {
            invoke(item, slots);
        }
        if (unfinished == 0) {
            break;
        }
    }
    for (const auto& slot : slots) {
        const unsigned int words = slot.size();
        write(&words, 1);
        write(slot.data(), words);
    }
    return unfinished == 0 ? 0 : 1;
}
