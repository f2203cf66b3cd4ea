#include "../unistd.h"
