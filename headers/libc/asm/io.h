#include "../sys/io.h"
