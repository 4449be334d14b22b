/* What follows a product whose epilogue cuBLASLt does not do: a bias for each column, and ReLU.
   A nan stays a nan. */
#ifdef EPILOGUE
extern "C" __global__ void EPILOGUE(real *out MG_STRIDED, const real *bias MG_DENSE(columns),
                                    int64_t numbers, int64_t rows, int64_t columns,
                                    int64_t row_step, int64_t matrix_step) {
    for (int64_t i = mg_thread(); i < numbers; i += mg_threads()) {
        int64_t column = i % columns, row = i / columns % rows, matrix = i / columns / rows;
        real* x = out + matrix * matrix_step + row * row_step + column;
        real value = BIAS ? *x + bias[column] : *x;
        *x = RELU && value < 0 ? 0 : value;
    }
}
#endif
